/** What is to happen, in the order of its time: a binary heap over typed arrays, as there are millions of it. */
export class Events {
  #times = new Float64Array(1 << 16);
  #codes = new Float64Array(1 << 16);
  #size = 0;

  get isEmpty() {
    return this.#size === 0;
  }

  get nextAt() {
    return this.#times[0];
  }

  add(at, code) {
    if (this.#size === this.#times.length) this.#grow();
    let index = this.#size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.#times[parent] <= at) break;
      this.#put(index, this.#times[parent], this.#codes[parent]);
      index = parent;
    }
    this.#put(index, at, code);
  }

  /** The code of the earliest. */
  take() {
    const code = this.#codes[0];
    const last = --this.#size;
    const at = this.#times[last];
    const lastCode = this.#codes[last];
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#times[child + 1] < this.#times[child]) child++;
      if (this.#times[child] >= at) break;
      this.#put(index, this.#times[child], this.#codes[child]);
      index = child;
    }
    this.#put(index, at, lastCode);
    return code;
  }

  #put(index, at, code) {
    this.#times[index] = at;
    this.#codes[index] = code;
  }

  #grow() {
    const grown = (old) => {
      const array = new Float64Array(old.length * 2);
      array.set(old);
      return array;
    };
    this.#times = grown(this.#times);
    this.#codes = grown(this.#codes);
  }
}
