import { MigratedDatabases } from '@greenroom/ai-node/testing';

/** Databases with the plugin's tables, for the tests of one file. */
export function trainingDatabases(): MigratedDatabases {
  return MigratedDatabases.create('@greenroom/plugin-ai-training-backend');
}
