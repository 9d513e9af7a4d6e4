import type { RateLimiter, Reservation } from '@scarmonit/core/ports/rate-limiter';
import type { WantedReservation } from './http-process-contract.ts';

/** Reservations that one HTTP process has made and not settled. What is forgotten with it counts as it was estimated. */
export class HeldReservations {
  readonly #limiter: RateLimiter;
  readonly #held = new Map<number, Reservation>();

  constructor(limiter: RateLimiter) {
    this.#limiter = limiter;
  }

  reserve({
    reservationId,
    keyId,
    limits,
    tokens,
  }: WantedReservation): Omit<Reservation, 'settle'> | Promise<Omit<Reservation, 'settle'>> {
    const reserved = this.#limiter.reserve(keyId, limits, tokens);
    return reserved instanceof Promise
      ? reserved.then((reservation) => this.#hold(reservationId, reservation))
      : this.#hold(reservationId, reserved);
  }

  settle({ reservationId, usedTokens }: { readonly reservationId: number; readonly usedTokens: number }): void {
    this.#held.get(reservationId)?.settle(usedTokens);
    this.#held.delete(reservationId);
  }

  #hold(id: number, reservation: Reservation): Omit<Reservation, 'settle'> {
    if (reservation.allowed) this.#held.set(id, reservation);
    const { settle: _stays, ...figures } = reservation;
    return figures;
  }
}
