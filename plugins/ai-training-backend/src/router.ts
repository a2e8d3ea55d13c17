export const PACKAGE_NAME = '@greenroom/plugin-ai-training-backend';
