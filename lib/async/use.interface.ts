/** Told when something that must not be closed is in use. */
export interface Use {
  /** @param isAhead nobody waits for it */
  begin(isAhead?: boolean): void;
  end(): void;
}
