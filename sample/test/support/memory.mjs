// Loaded into the app before its own code: when it is asked it tells what it holds, in bytes, without what nobody holds.
process.on('message', () => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.send(heapUsed + external);
});
process.channel.unref();
