import { openAi } from './openai/OpenAiProvider';
import type { ProviderKind } from './Provider';

/** Every kind of service that connections may name. Another one is a folder like its neighbours, and a line here. */
export const PROVIDER_KINDS: readonly ProviderKind[] = [openAi];
