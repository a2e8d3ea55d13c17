import type {
  Admission,
  Caller,
  Ticket,
  TokenReservation,
} from '../domain/Admission';
import type { KeyGuard } from './KeyGuard';
import type { Room } from './Room';
import type { TokenBudgets } from './TokenBudgets';

const UNLIMITED: TokenReservation = { state: undefined, settle: () => {} };

/** Lets in who has a key that is good for the model, as long as there is room, and tokens are left. */
export class KeyedAdmission implements Admission {
  readonly #keys: KeyGuard;
  readonly #room: Room;
  readonly #budgets: TokenBudgets;

  constructor(options: { keys: KeyGuard; room: Room; budgets: TokenBudgets }) {
    this.#keys = options.keys;
    this.#room = options.room;
    this.#budgets = options.budgets;
  }

  recognise(credential: string | undefined): Caller {
    return this.#keys.authenticate(credential);
  }

  authorize(caller: Caller, model: string): void {
    this.#keys.authorize(caller, model);
  }

  enter(_caller: Caller, model: string): Ticket {
    return this.#room.enter(model);
  }

  reserve({ limited }: Caller, tokens: number): TokenReservation {
    return limited ? this.#budgets.reserve(limited, tokens) : UNLIMITED;
  }
}
