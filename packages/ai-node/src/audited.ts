import type {
  AuditorService,
  AuditorServiceEventSeverityLevel,
} from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { Request } from 'express';

export interface AuditedOptions {
  /** Kebab-case, without the plugin's name: `version-create`. */
  eventId: string;
  /** Tells who called, from where. */
  request?: Request;
  severityLevel?: AuditorServiceEventSeverityLevel;
  /** What the call is about, such as the model's name. Never a secret. */
  meta?: JsonObject;
}

/** Runs a handler's call and tells the auditor that it was tried, and whether it succeeded. */
export async function audited<T>(
  auditor: AuditorService,
  options: AuditedOptions,
  call: () => Promise<T>,
): Promise<T> {
  const event = await auditor.createEvent({
    eventId: options.eventId,
    request: options.request,
    severityLevel: options.severityLevel ?? 'medium',
    meta: options.meta,
  });
  let result: T;
  try {
    result = await call();
  } catch (error) {
    try {
      await event.fail({ error: toError(error) });
    } catch {
      // Fails when the caller hung up; the call's own error says more.
    }
    throw error;
  }
  await event.success();
  return result;
}
