/** Name and version as the `User-Agent` tells them; DokStamp's audit log records it. */
export const USER_AGENT = 'nestjs-dokstamp/0.1.0';
