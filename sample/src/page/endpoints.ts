/** What there is, for somebody who opens the address. */
export const ENDPOINTS = [
  { method: 'GET', path: '/', does: 'Shows the module at work; as JSON, lists the endpoints.' },
  { method: 'GET', path: '/endpoints', does: 'Lists the endpoints.' },
  { method: 'GET', path: '/metrics', does: 'Tells the metrics of the account to Prometheus.' },
  { method: 'GET', path: '/token', does: 'Tells how long the token lasts and when it is renewed.' },
  {
    method: 'POST',
    path: '/files',
    does: 'Uploads a PDF, sent with Content-Type: application/pdf.',
  },
  { method: 'GET', path: '/files/{uuid}/download', does: 'Gives the PDF back.' },
  {
    method: 'POST',
    path: '/certificates',
    does: 'Issues a diploma: { file_uuid, institution: { name, country }, course: { name, code }, student: { name, email, date_of_birth } }.',
  },
  {
    method: 'GET',
    path: '/certificates',
    does: 'Lists certificates: ?status=, ?course_uuid=, ?student_uuid=, ?sort=issued_at or status, ?order=asc or desc.',
  },
  {
    method: 'PUT',
    path: '/certificates/{uuid}/revoke',
    does: 'Revokes a certificate; { reason } may be left out.',
  },
];
