import fc from 'fast-check';

// With one seed, each run has the same cases.
fc.configureGlobal({ seed: 20_260_101 });

export { fc };
