import type { PermissionsService } from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiModelInvokePermission,
  type InferResponse,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import type {
  PlaygroundCall,
  PlaygroundCallOptions,
  PlaygroundService,
} from './PlaygroundService';

export class AuthorizedPlaygroundService implements PlaygroundService {
  readonly #playground: PlaygroundService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    playground: PlaygroundService;
    permissions: PermissionsService;
  }) {
    this.#playground = options.playground;
    this.#permissions = options.permissions;
  }

  async infer(
    call: PlaygroundCall,
    options: PlaygroundCallOptions,
  ): Promise<InferResponse> {
    await requirePermission(this.#permissions, {
      permission: aiModelInvokePermission,
      resourceRef: placeRef(call),
      credentials: options.credentials,
    });
    return this.#playground.infer(call, options);
  }
}
