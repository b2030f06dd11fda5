/** The items in an order of chance, so that nobody always comes after the same neighbour's heat, or far from bare axios. */
export function shuffled(items) {
  return [...items]
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
