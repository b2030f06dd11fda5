/** What is wrong with the environment that the app is started in; its message says all. */
export class SetupError extends Error {}
