/** What a Nest 11 app installs: without the older majors npm takes the ESM-only ones. */
export const NEST_11 = [
  '@nestjs/common@11',
  '@nestjs/core@11',
  '@nestjs/axios@4',
  '@nestjs/config@4',
  '@nestjs/schedule@6',
] as const;

/** What a Nest 12 app installs; npm adds the other peers. */
export const NEST_12 = ['@nestjs/common@12', '@nestjs/core@12'] as const;
