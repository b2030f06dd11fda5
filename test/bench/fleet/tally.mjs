const DAY = 86_400;

/** What was asked for in each second of the week. */
export class Tally {
  #week;
  #requests;
  #commands;

  constructor(week) {
    const seconds = week.length / 1_000 + 2;
    this.#week = week;
    this.#requests = new Uint32Array(seconds);
    this.#commands = new Uint32Array(seconds);
  }

  request(at) {
    this.#requests[Math.floor(at / 1_000)]++;
  }

  command(at) {
    this.#commands[Math.floor(at / 1_000)]++;
  }

  told() {
    const { outage, deploys, deployTakes, lifetime } = this.#week;
    const s = (ms) => Math.floor(ms / 1_000);
    const peak = (counts, from, to) =>
      counts.subarray(from, to).reduce((a, b) => Math.max(a, b), 0);
    const sum = (counts, from = 0, to = counts.length) =>
      counts.subarray(from, to).reduce((a, b) => a + b, 0);
    const requests = this.#requests;
    // The first tokens of all expire before the first deploy.
    const expiry = s(lifetime);
    return {
      requests: sum(requests),
      inOutage: sum(requests, s(outage[0]), s(outage[1])),
      atStart: peak(requests, 0, 60),
      atDeploy: peak(requests, s(deploys[1]), s(deploys[1] + deployTakes) + 60),
      atExpiry: peak(requests, expiry - 120, expiry + 60),
      afterOutage: peak(requests, s(outage[1]), s(outage[1]) + 120),
      commands: sum(this.#commands),
      mostCommands: peak(this.#commands, 0, 7 * DAY),
    };
  }
}
