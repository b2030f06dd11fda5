/** The packages of a Nest 11 app. Without these majors, npm installs the newest ones, which are ESM only. */
export const NEST_11 = [
  '@nestjs/common@11',
  '@nestjs/core@11',
  '@nestjs/axios@4',
  '@nestjs/config@4',
  '@nestjs/schedule@6',
] as const;

/** The packages of a Nest 12 app. npm adds the other peer dependencies. */
export const NEST_12 = ['@nestjs/common@12', '@nestjs/core@12'] as const;
