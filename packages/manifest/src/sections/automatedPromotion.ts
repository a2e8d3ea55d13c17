import { z } from 'zod';
import { MONTH_SECONDS, nameSchema, secondsSchema } from './bounds';

export const automatedPromotionSchema = z
  .strictObject({
    newVersions: z
      .enum(['propose', 'merge'])
      .describe(
        'What happens to a new version. propose: a promotion is opened. merge: it is merged too, when all gates are green.',
      ),
    soakSeconds: secondsSchema({ min: 0, max: MONTH_SECONDS })
      .optional()
      .describe(
        'How long a version has to have run in the environment before, in seconds.',
      ),
    retrain: z
      .strictObject({
        template: nameSchema.describe(
          'Name of the training template; it has the owner of the model.',
        ),
        onDrift: z
          .boolean()
          .optional()
          .describe(
            'Whether it is trained again when its input has drifted for an hour; a day apart at least.',
          ),
        everyDays: z
          .int()
          .min(1)
          .max(365)
          .optional()
          .describe('It is trained again so many days after the last time.'),
      })
      .optional()
      .describe(
        'When new versions are trained; with neither onDrift nor everyDays, when somebody says so.',
      ),
  })
  .describe('What happens without somebody who asks for it.');
