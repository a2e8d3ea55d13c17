import type { Admission, Caller, Ticket } from '../domain/Admission';
import type { KeyGuard } from './KeyGuard';
import type { Room } from './Room';

/** Lets in who has a key that is good for the model, as long as there is room. */
export class KeyedAdmission implements Admission {
  readonly #keys: KeyGuard;
  readonly #room: Room;

  constructor(options: { keys: KeyGuard; room: Room }) {
    this.#keys = options.keys;
    this.#room = options.room;
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
}
