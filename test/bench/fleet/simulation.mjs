import { progress } from '../harness/progress.mjs';
import { Events } from './events.mjs';
import {
  AHEAD,
  AWAITED,
  FAILURE_KINDS,
  gateClosedFor,
  leaseLifetime,
  nextLook,
  renewalDueAfter,
  servedFor,
} from './policy.mjs';
import { Tally } from './tally.mjs';

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The week: everything starts at once, is deployed anew each noon, and the endpoint is away when tokens expire. */
export const WEEK = {
  length: 7 * DAY,
  lifetime: 12 * HOUR,
  startsWithin: SECOND,
  deploys: [1, 2, 3, 4, 5].map((day) => day * DAY + DAY / 2),
  deployTakes: 10 * 60 * SECOND,
  // Those who were deployed on the third day renew in it, twelve hours later; and so does who shares a token.
  outage: [4 * DAY - 15 * 60 * SECOND, 4 * DAY + 15 * 60 * SECOND],
  requestMs: 100,
  commandMs: 1,
};

const RENEW_BEFORE = 60;
const LEASE = leaseLifetime(10_000);
const OUTAGE = FAILURE_KINDS.token_request_failed;

const [START, ACQUIRE, LOOK, ANSWER] = [0, 1, 2, 3];

/** One fleet through the week, by the rules of the package itself; only clock, endpoint and store are made up. */
export class Simulation {
  #events = new Events();
  #tally = new Tally(WEEK);
  #now = 0;
  #stored = Number.NEGATIVE_INFINITY;
  #leaseUntil = 0;

  constructor(size, withStore, random) {
    this.size = size;
    this.withStore = withStore;
    this.random = random;
    this.issuedAt = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    this.sentAt = new Float64Array(size);
    this.waitsSince = new Float64Array(size);
    this.life = new Uint8Array(size);
    this.looks = new Uint8Array(size);
    this.failures = new Uint8Array(size);
    this.hasLease = new Uint8Array(size);
    this.triesLease = new Uint8Array(size);
  }

  run() {
    for (let one = 0; one < this.size; one++) {
      this.#plan(START, one, this.random() * WEEK.startsWithin);
      for (const deploy of WEEK.deploys) {
        this.#events.add(deploy + this.random() * WEEK.deployTakes, one * 4 + START);
      }
    }
    let told = 0;
    while (!this.#events.isEmpty && this.#events.nextAt < WEEK.length) {
      this.#now = this.#events.nextAt;
      if (this.#now >= told * DAY) {
        progress(
          `${this.size} processes ${this.withStore ? 'with' : 'without'} a store, day ${++told}`,
        );
      }
      this.#happen(this.#events.take());
    }
    return this.#tally.told();
  }

  // What was planned in an earlier life of a process is dropped: its life is part of the code.
  #plan(what, one, at) {
    this.#events.add(at, (this.life[one] * this.size + one) * 4 + what);
  }

  #happen(code) {
    const what = code % 4;
    const one = Math.floor(code / 4) % this.size;
    if (what === START) return this.#start(one);
    if (Math.floor(code / 4 / this.size) !== this.life[one]) return undefined;
    if (what === ACQUIRE) return this.#acquire(one);
    return what === LOOK ? this.#look(one) : this.#answer(one);
  }

  #start(one) {
    this.life[one]++;
    this.issuedAt[one] = Number.NEGATIVE_INFINITY;
    this.failures[one] = 0;
    this.#acquire(one);
  }

  #acquire(one) {
    if (!this.withStore) return this.#request(one, false);
    this.waitsSince[one] = this.#now;
    this.looks[one] = 0;
    return this.#look(one, true);
  }

  #look(one, isFirst = false) {
    const waited = this.#now - this.waitsSince[one];
    this.#tally.command(this.#now);
    if (this.#isWanted(one)) return this.#adopt(one);
    if ((isFirst || this.triesLease[one]) && this.#takeLease()) return this.#request(one, true);
    if (waited > 2 * LEASE) return this.#request(one, false);
    const hasToken = this.#now - this.issuedAt[one] < servedFor(WEEK.lifetime);
    const pace = hasToken ? AHEAD : AWAITED;
    const { afterMs, triesLease } = nextLook(this.looks[one]++, waited, LEASE, this.random(), pace);
    this.triesLease[one] = Number(triesLease);
    return this.#plan(LOOK, one, this.#now + afterMs);
  }

  #takeLease() {
    this.#tally.command(this.#now);
    if (this.#leaseUntil > this.#now) return false;
    this.#leaseUntil = this.#now + LEASE;
    this.#tally.command(this.#now);
    return true;
  }

  #isWanted(one) {
    const age = this.#now - this.#stored;
    return this.#stored > this.issuedAt[one] && age < servedFor(WEEK.lifetime);
  }

  #request(one, hasLease) {
    this.hasLease[one] = Number(hasLease);
    this.sentAt[one] = this.#now + (hasLease ? 3 * WEEK.commandMs : 0);
    this.#tally.request(this.sentAt[one]);
    this.#plan(ANSWER, one, this.sentAt[one] + WEEK.requestMs);
  }

  #answer(one) {
    const sentAt = this.sentAt[one];
    const failed = sentAt >= WEEK.outage[0] && sentAt < WEEK.outage[1];
    if (failed) this.#fail(one);
    else {
      if (this.withStore) this.#share(one, sentAt);
      this.#use(one, sentAt);
    }
    if (this.hasLease[one]) this.#release();
  }

  #share(one, sentAt) {
    if (!this.hasLease[one]) {
      if (!this.#takeLease()) return;
      this.#release();
    }
    this.#tally.command(this.#now);
    this.#stored = Math.max(this.#stored, sentAt);
  }

  #release() {
    this.#tally.command(this.#now);
    this.#leaseUntil = 0;
  }

  #fail(one) {
    const closed = Math.ceil(gateClosedFor(OUTAGE, this.failures[one]));
    this.failures[one] = Math.min(this.failures[one] + 1, 50);
    this.#plan(ACQUIRE, one, this.#now + closed);
  }

  #adopt(one) {
    this.#use(one, this.#stored);
  }

  #use(one, issuedAt) {
    this.failures[one] = 0;
    this.issuedAt[one] = issuedAt;
    const due = issuedAt + renewalDueAfter(WEEK.lifetime, RENEW_BEFORE, this.random());
    this.#plan(ACQUIRE, one, Math.max(due, this.#now + SECOND));
  }
}
