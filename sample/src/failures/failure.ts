/** What a caller of this app gets to know of a failure. */
export interface Failure {
  readonly status: number;
  readonly message: string | string[];
}
