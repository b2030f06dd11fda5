/** What is used of a test runner. */
export interface TestRunner {
  describe(name: string, tests: () => void): unknown;
  it(name: string, test: () => Promise<void>): unknown;
}

/**
 * The runner whose test file this is called from: Jest puts its functions into the global scope; Vitest does so with
 * `globals: true`, and else keeps them in one global of its own.
 * @throws {Error} outside a test file
 */
export function currentTestRunner(): TestRunner {
  const vitest: unknown = Reflect.get(globalThis, '__vitest_index__');
  const runner = [globalThis, vitest].find(isTestRunner);
  if (runner) return runner;
  throw new Error(
    'describeTokenStore found no test runner: call it in a test file of Jest or Vitest, ' +
      'or pass { describe, it } as its second argument.',
  );
}

function isTestRunner(given: unknown): given is TestRunner {
  const { describe, it } = Object(given) as Partial<TestRunner>;
  return typeof describe === 'function' && typeof it === 'function';
}
