// How long after the end of an outage the next token request comes, as a share of the outage's length.
const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

for (const factor of [1.5, 2]) {
  const lags = [];
  // Outages of 24 to 36 s.
  for (let outage = 24_000; outage < 36_000; outage += 10) {
    let at = 0;
    for (let pause = FIRST_MS; at < outage; pause = Math.min(pause * factor, LONGEST_MS)) {
      at += pause;
    }
    lags.push((at - outage) / outage);
  }
  const mean = lags.reduce((sum, lag) => sum + lag) / lags.length;
  console.log(`× ${factor}: mean ${mean.toFixed(2)}, worst ${Math.max(...lags).toFixed(2)}`);
}
