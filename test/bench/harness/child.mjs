import { fork } from 'node:child_process';

/** A child process whose functions are called by message: `await child.call('name', argument)`. */
export class Child {
  #waiting = new Map();
  #last = 0;
  #process;

  constructor(script, args = [], execArgv = []) {
    this.#process = fork(script, args, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#process.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(`${args.join(' ')}: ${error}`));
    });
    this.#process.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`${script} ${args.join(' ')} has ended with code ${code}.`));
      }
      this.#waiting.clear();
    });
  }

  call(name, argument) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ id, name, argument });
    });
  }

  stop() {
    this.#process.kill('SIGKILL');
  }
}
