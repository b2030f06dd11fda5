/** One object of the DokStamp API, in its envelope. */
export interface Enveloped<T> {
  data: T;
}

export interface Entity {
  uuid: string;
}

export interface UploadedFile extends Entity {
  original_name: string;
  size: number;
}

export interface Certificate extends Entity {
  status: 'draft' | 'issued' | 'revoked' | 'expired';
  issued_at: string | null;
  public_verification_url: string | null;
}
