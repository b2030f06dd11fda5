/** The child's side of `Child`: answers each call with one of these functions. */
export function answerCalls(functions) {
  process.on('message', ({ id, name, argument }) => {
    Promise.resolve()
      .then(() => functions[name](argument))
      .then(
        (result) => process.send({ id, result }),
        (error) => process.send({ id, error: error?.stack ?? String(error) }),
      );
  });
  process.on('disconnect', () => process.exit());
}
