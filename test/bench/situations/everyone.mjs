import { MANAGERS } from '../contestants/index.mjs';
import { Team } from '../harness/team.mjs';

/**
 * Runs one situation with all that manage a token, each with an account of its own, at the same time: for what is
 * counted, not timed. `play` gets the child and the account, and gives a row of the table.
 */
export async function everyone(settings, play) {
  const team = new Team();
  const players = await Promise.all(
    MANAGERS.map(async ({ name, label }) => {
      const account = await team.account();
      const child = await team.contestant(name, account, { startup: 'lazy', ...settings });
      return { name, label, account, child };
    }),
  );
  const rows = await Promise.all(
    players.map(async (player) => [player.label, ...(await play(player))]),
  );
  team.stop();
  return rows;
}
