import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Subject, catchError, defer, fromEvent, of, repeat, takeUntil } from 'rxjs';
import { DokStampHttpService } from 'nestjs-dokstamp';

const PAUSE_MS = 30_000;
// Times are told to the second, and a certificate may be seen a little after its time: each poll looks this far back.
const OVERLAP_MS = 60_000;
const PAGE = 100;

export interface Certificate {
  readonly uuid: string;
  readonly status: 'issued' | 'revoked';
  readonly issued_at: string;
  readonly revoked_at: string | null;
}

/** Tells which certificates were issued or revoked, once each. DokStamp calls nobody back, so it has to be asked. */
@Injectable()
export class CertificatePoller implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly changes$ = new Subject<Certificate>();
  private readonly logger = new Logger(CertificatePoller.name);
  private readonly stopping = new AbortController();
  private since = Date.now() - OVERLAP_MS;
  private told = new Map<string, number>();

  constructor(private readonly dokstamp: DokStampHttpService) {}

  onApplicationBootstrap(): void {
    defer(() => this.poll())
      .pipe(
        catchError((error: Error) => of(this.logger.warn(`Polling failed: ${error.message}`))),
        // The pause begins when a poll is over, however long it took: no two ever overlap.
        repeat({ delay: PAUSE_MS }),
        takeUntil(fromEvent(this.stopping.signal, 'abort')),
      )
      .subscribe();
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
    this.changes$.complete();
  }

  private async poll(): Promise<void> {
    const startedAt = Date.now();
    await this.tell('issued', 'issued_at');
    await this.tell('revoked', 'revoked_at');
    // Only now: what a failed poll did not see is looked for by the next one.
    this.since = startedAt - OVERLAP_MS;
    this.told = new Map([...this.told].filter(([, at]) => at >= this.since));
  }

  private async tell(status: string, column: 'issued_at' | 'revoked_at'): Promise<void> {
    const seen = new Set<string>();
    for (let page = 1, isLast = false; !isLast; page++) {
      const params = { where: { status }, sort: { column, order: 'desc' }, per_page: PAGE, page };
      const { data } = await this.dokstamp.axiosRef.get<{ data: Certificate[] }>('/certificates', {
        params,
        timeout: 10_000,
        signal: this.stopping.signal,
      });
      const recent = data.data.filter((each) => Date.parse(each[column] ?? '') >= this.since);
      // A server may cap per_page, or know no page: so the end is an older one, or a page with nothing new.
      isLast = recent.length < data.data.length || recent.every(({ uuid }) => seen.has(uuid));
      for (const certificate of recent) {
        seen.add(certificate.uuid);
        const key = `${certificate.uuid} ${status}`;
        if (!this.told.has(key)) this.changes$.next(certificate);
        this.told.set(key, Date.parse(certificate[column] ?? ''));
      }
    }
  }
}
