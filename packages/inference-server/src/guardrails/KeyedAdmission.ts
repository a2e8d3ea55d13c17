import type {
  Admission,
  Caller,
  Counting,
  Ticket,
  TokenReservation,
} from '../domain/Admission';
import type { KeyScope } from '@greenroom/plugin-ai-inference-common';
import type { KeyGuard } from './KeyGuard';
import type { RequestBudgets } from './RequestBudgets';
import type { Room } from './Room';
import type { TokenBudgets } from './TokenBudgets';

const UNLIMITED: TokenReservation = { state: undefined, settle: () => {} };

/** Lets in who has a key that is good for the model, as long as there is room, and its limits are not reached. */
export class KeyedAdmission implements Admission {
  readonly #keys: KeyGuard;
  readonly #room: Room;
  readonly #tokens: TokenBudgets;
  readonly #requests: RequestBudgets;

  constructor(options: {
    keys: KeyGuard;
    room: Room;
    tokens: TokenBudgets;
    requests: RequestBudgets;
  }) {
    this.#keys = options.keys;
    this.#room = options.room;
    this.#tokens = options.tokens;
    this.#requests = options.requests;
  }

  recognise(credential: string | undefined): Caller {
    return this.#keys.authenticate(credential);
  }

  authorize(caller: Caller, model: string): void {
    this.#keys.authorize(caller, model);
  }

  requireScope(caller: Caller, scope: KeyScope): void {
    this.#keys.requireScope(caller, scope);
  }

  enter(caller: Caller, model: string, counting: Counting): Ticket {
    const { requestLimited } = caller;
    if (requestLimited === undefined || counting === 'none') {
      return this.#room.enter(caller, model);
    }
    // Who is over a limit is told so, and not that there is no room.
    if (counting !== 'instead') this.#requests.check(requestLimited);
    const place = this.#room.enter(caller, model);
    if (counting === 'ahead') return place;
    return this.#requests.begin(requestLimited, place, {
      isCounted: counting === 'request',
    });
  }

  reserve({ limited }: Caller, tokens: number): TokenReservation {
    return limited ? this.#tokens.reserve(limited, tokens) : UNLIMITED;
  }
}
