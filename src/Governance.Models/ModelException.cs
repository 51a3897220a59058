namespace Governance.Models;

/// <summary>A model cannot be used as asked: wrong signature, wrong features, or refused by the runtime. The message says what to change.</summary>
public sealed class ModelRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A model answered with something that is not a probability. The answer must not be used. The message names no input value.</summary>
public sealed class ModelOutputException(string message) : Exception(message);
