/* Owns how long to wait before trying again to reach the server. */

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
const FIRST_RETURN_MS = 10_000;
const LONGEST_RETURN_MS = 5 * 60_000;

/** How long to wait before the nth try (from 0): doubling, at most 5 s, half of it by chance. */
export const retryDelay = (tries, random) => delay(FIRST_RETRY_MS, LONGEST_RETRY_MS, tries, random);

/** The same before the nth try of a socket where none has passed: from 10 s on, at most 5 min. */
export const returnDelay = (tries, random) => delay(FIRST_RETURN_MS, LONGEST_RETURN_MS, tries, random);

const delay = (first, most, tries, random = Math.random()) => Math.min(most, first * 2 ** tries) * (0.5 + random / 2);
