import type { FieldRules } from './validation.js';

export const INSTITUTION_RULES: FieldRules = {
  defaults: {
    name: null,
    legal_name: null,
    tax_id: null,
    country: null,
    website: null,
    linkedin_organization: null,
    status: 'active',
    is_badges_enabled: false,
    badge_image_uuid: null,
  },
  required: ['name', 'country'],
  showsUpdate: true,
  maxLength: { name: 255 },
  oneOf: { status: ['active', 'inactive', 'suspended'] },
  references: { badge_image_uuid: 'files' },
};

export const STUDENT_RULES: FieldRules = {
  defaults: { name: null, email: null, date_of_birth: null, gender: null, social_name: null },
  required: ['name', 'email', 'date_of_birth'],
  unique: 'email',
};

export const COURSE_RULES: FieldRules = {
  defaults: {
    name: null,
    institution_uuid: null,
    code: null,
    description: null,
    workload_hours: null,
    area: null,
    version: null,
    status: 'draft',
    badge_image_uuid: null,
  },
  required: ['name', 'institution_uuid'],
  maxLength: { name: 255 },
  oneOf: { status: ['draft', 'active', 'archived'] },
  references: { institution_uuid: 'institutions', badge_image_uuid: 'files' },
};

export const CERTIFICATE_RULES: FieldRules = {
  defaults: {
    institution_uuid: null,
    course_uuid: null,
    student_uuid: null,
    file_uuid: null,
    cohort_uuid: null,
    enrollment_uuid: null,
    template_uuid: null,
  },
  required: ['institution_uuid', 'course_uuid', 'student_uuid', 'file_uuid'],
  references: {
    institution_uuid: 'institutions',
    course_uuid: 'courses',
    student_uuid: 'students',
    file_uuid: 'files',
    cohort_uuid: undefined,
    enrollment_uuid: undefined,
    template_uuid: undefined,
  },
};
