/** Works through a list, `lanes` items at a time; the results in the order of the list. */
export async function lanes(count, items, work) {
  const results = [];
  const waiting = [...items.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, item] = next;
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: count }, lane));
  return results;
}
