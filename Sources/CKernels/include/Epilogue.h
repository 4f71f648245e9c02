#ifndef GIBBON_EPILOGUE_H
#define GIBBON_EPILOGUE_H

/// What follows a layer in the same pass; each may be absent. The arrays but the bias lie as the result does.
typedef struct {
  const float *bias;
  /// Added to the result, before `relu`.
  const float *addend;
  /// Where this is not above zero the result is zero.
  const float *gate;
  int relu;
} gibbon_epilogue;

#endif
