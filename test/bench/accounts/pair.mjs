/** What the database of the app has for each key. */
export const PAIR = {
  clientId: 'bench',
  clientSecret: 'bench-secret',
  tenant: 'my-university',
};
