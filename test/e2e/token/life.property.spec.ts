import { beforeEach, describe, it, vi } from 'vitest';
import { fc } from '../../support/properties.js';
import { freezeTime } from '../../support/time.js';
import { lives } from '../../support/token-happenings.js';
import { TokenLife } from '../../support/token-life.js';

beforeEach(freezeTime);

describe('the life of a token', () => {
  it.each(['background', 'lazy'] as const)(
    'breaks no rule of `TokenLife` in any order of events, if startup is %s',
    async (startup) => {
      const rulesHold = fc.asyncProperty(lives, async (happenings) => {
        vi.clearAllTimers();
        await using life = await TokenLife.boot(startup);
        for (const happening of happenings) {
          await life.happen(happening);
          if (life.broken.length > 0) throw new Error(life.broken.join('; '));
        }
      });
      await fc.assert(rulesHold, { numRuns: 40 });
    },
  );
});
