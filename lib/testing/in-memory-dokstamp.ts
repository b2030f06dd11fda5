import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerRequest, refuse } from './answer-request.js';
import { FaultControl } from './fault-control.js';
import { invalidClient, type Reply } from './replies.js';
import { ResourceKinds } from './resources/resource-kinds.js';
import type { Route } from './route.js';
import { createRoutes } from './routes.js';
import { SandboxAccount } from './sandbox-account.js';
import type { DokStampSandboxOptions } from './sandbox.interface.js';
import { isTokenRequest } from './token-endpoint.js';

/** What a sandbox serves: the account, its data, and the faults that were asked for. It knows no socket. */
export class InMemoryDokStamp {
  readonly tokenFaults = new FaultControl(invalidClient());
  readonly apiFaults = new FaultControl();
  readonly account: SandboxAccount;
  readonly #origin: () => string;
  #kinds: ResourceKinds;
  #routes: Route[];

  /** @param origin where the sandbox listens */
  constructor(options: DokStampSandboxOptions, origin: () => string) {
    this.account = new SandboxAccount(options);
    this.#origin = origin;
    this.#kinds = new ResourceKinds(origin);
    this.#routes = createRoutes(this.account, this.#kinds);
  }

  get kinds(): ResourceKinds {
    return this.#kinds;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<Reply | undefined> {
    // A request that is delayed meets the data of its arrival, also after a reset.
    const routes = this.#routes;
    const faults = isTokenRequest(request) ? this.tokenFaults : this.apiFaults;
    const interception = await faults.intercept(response);
    if (interception === 'unanswered') return undefined;
    if (interception !== 'proceed') return refuse(request, interception);
    return answerRequest(routes, this.account, request);
  }

  /** As it was made: no data, no token, no fault. */
  reset(): void {
    this.account.reset();
    this.#kinds = new ResourceKinds(this.#origin);
    this.#routes = createRoutes(this.account, this.#kinds);
    this.restore();
  }

  /** Ends every fault. */
  restore(): void {
    this.tokenFaults.restore();
    this.apiFaults.restore();
  }
}
