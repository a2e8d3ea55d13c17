/** Why a folder of MLflow is neither tried nor promoted, unless it has a file that is served. */
export const NOT_SERVED_YET =
  'A folder of MLflow is kept, and not served until it is converted: have it converted to ONNX where its flavor is sklearn, xgboost or lightgbm, or register a version with the model in ONNX';
