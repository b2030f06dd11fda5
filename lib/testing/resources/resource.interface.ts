/** An institution, as the API shows it. */
export interface SandboxInstitution {
  uuid: string;
  /** At most 255 characters. */
  name: string;
  legal_name: string | null;
  tax_id: string | null;
  country: string;
  website: string | null;
  linkedin_organization: string | null;
  status: 'active' | 'inactive' | 'suspended';
  is_badges_enabled: boolean;
  /** The uuid of a file. */
  badge_image_uuid: string | null;
  created_at: string;
  updated_at: string;
}

/** A student, as the API shows it. */
export interface SandboxStudent {
  uuid: string;
  name: string;
  /** Unique in the tenant. */
  email: string;
  /** `YYYY-MM-DD` */
  date_of_birth: string;
  gender: string | null;
  social_name: string | null;
  created_at: string;
}

/** A course, as the API shows it. */
export interface SandboxCourse {
  uuid: string;
  /** At most 255 characters. */
  name: string;
  code: string | null;
  description: string | null;
  workload_hours: number | null;
  area: string | null;
  version: string | null;
  status: 'draft' | 'active' | 'archived';
  /** The uuid of a file. */
  badge_image_uuid: string | null;
  /** Null where the institution was deleted. */
  institution: SandboxMention | null;
  organization: null;
  created_at: string;
}

/** A file, as the API shows it. */
export interface SandboxFile {
  uuid: string;
  original_name: string;
  mime_type: string;
  /** Of the name, in lower case and without the dot. */
  extension: string;
  /** In bytes. */
  size: number;
  /** When it was attached to a certificate; null while it is free. */
  used_at: string | null;
  /** Where it is downloaded. */
  file: string;
}

/** A certificate, as the API shows it. */
export interface SandboxCertificate {
  uuid: string;
  status: 'draft' | 'issued' | 'revoked' | 'expired';
  issued_at: string | null;
  revoked_at: string | null;
  revocation_reason: string | null;
  /** Null for a draft. */
  public_verification_url: string | null;
  blockchain_tx_hash: null;
  blockchain_tx_url: null;
  /** Null where it was deleted, as are `course` and the `student` of a draft. */
  institution: SandboxMention | null;
  course: SandboxMention | null;
  /** As it was when the certificate was issued. */
  student: SandboxMention | null;
  cohort: null;
  enrollment: null;
  template: null;
  files: { type: 'certificate'; uuid: string }[];
}

/** The form in which one object shows another. */
export interface SandboxMention {
  uuid: string;
  name: string;
}
