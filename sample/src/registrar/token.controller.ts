import { Controller, Get } from '@nestjs/common';
import { TokenService } from 'nestjs-dokstamp';

/** How the account is: for a person, or a monitor. The status carries neither token nor secret. */
@Controller('token')
export class TokenController {
  constructor(private readonly tokens: TokenService) {}

  @Get()
  status() {
    const { state, issuedAt, expiresAt, nextRenewalAt, blockedUntil, lastError } =
      this.tokens.status;
    return { state, issuedAt, expiresAt, nextRenewalAt, blockedUntil, lastError: lastError?.code };
  }
}
