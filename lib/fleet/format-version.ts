/** The version of the format in which a token is shared: the first byte of each value, and part of each key. */
export const FORMAT_VERSION = 1;
