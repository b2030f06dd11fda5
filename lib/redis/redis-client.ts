/** What is used of `ioredis` and `iovalkey`. */
export interface IoRedisLike {
  defineCommand(...definition: never[]): unknown;
  call(...command: never[]): unknown;
  get(key: string): Promise<unknown>;
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
  set(key: string, value: string, unit: 'PX', ms: number, condition: 'NX'): Promise<unknown>;
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** What is used of `redis` (node-redis). */
export interface NodeRedisLike {
  readonly isOpen: boolean;
  sendCommand(...command: never[]): unknown;
  get(key: string): Promise<unknown>;
  set(
    key: string,
    value: string,
    options: { expiration: { type: 'PX'; value: number }; condition?: 'NX' },
  ): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client of `ioredis` (5, 6), `iovalkey` or `redis` (5, 6). */
export type RedisClient = IoRedisLike | NodeRedisLike;

export function isIoRedis(client: RedisClient): client is IoRedisLike {
  const { defineCommand, call } = Object(client) as Partial<IoRedisLike>;
  return typeof defineCommand === 'function' && typeof call === 'function';
}

export function isNodeRedis(client: RedisClient): client is NodeRedisLike {
  const { sendCommand, isOpen } = Object(client) as Partial<NodeRedisLike>;
  return typeof sendCommand === 'function' && typeof isOpen === 'boolean';
}
