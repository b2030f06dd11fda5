/** Told when something that must not be closed is in use. */
export interface Use {
  begin(): void;
  end(): void;
}
