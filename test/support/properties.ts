import fc from 'fast-check';

// One seed, so that each run sees the same cases.
fc.configureGlobal({ seed: 20_260_101 });

export { fc };
