import { Injectable } from '@nestjs/common';
import type { Happening } from './frame.interface.js';

/** What happened since the last frame. */
@Injectable()
export class Happenings {
  #told: Happening[] = [];

  tell(happening: Omit<Happening, 'at'>): void {
    this.#told.push({ at: Date.now(), ...happening });
  }

  take(): Happening[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }
}
