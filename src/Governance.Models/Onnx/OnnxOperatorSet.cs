using System.Collections.Frozen;

namespace Governance.Models.Onnx;

/// <summary>
/// Operators a model may use, by domain. The standard domain is written <c>ai.onnx</c>; files also write it as the empty string.
/// Immutable and thread-safe.
/// </summary>
public sealed class OnnxOperatorSet
{
    public const string StandardDomain = "ai.onnx";
    public const string MachineLearningDomain = "ai.onnx.ml";

    private readonly FrozenDictionary<string, FrozenSet<string>> byDomain;

    public OnnxOperatorSet(IReadOnlyDictionary<string, IReadOnlyCollection<string>> byDomain) =>
        this.byDomain = byDomain.ToFrozenDictionary(d => d.Key, d => d.Value.ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>
    /// What converters of scikit-learn, XGBoost, LightGBM and small networks write. Left out on purpose: operators that draw random numbers
    /// (an answer must repeat), that loop without a bound known from their input (<c>Loop</c>), and whose output size is a value
    /// inside the model instead of following from its input (<c>ConstantOfShape</c>, <c>Expand</c>, <c>Range</c>, <c>Resize</c>, <c>Tile</c>, <c>Pad</c>); and <c>TreeEnsemble</c> of operator set 5,
    /// whose link runtimes do not apply alike.
    /// </summary>
    public static OnnxOperatorSet Tabular { get; } = new(new Dictionary<string, IReadOnlyCollection<string>>
    {
        [StandardDomain] =
        [
            "Abs", "Add", "And", "ArgMax", "ArgMin", "BatchNormalization", "Cast", "CastLike", "Ceil", "Celu", "Clip", "Compress", "Concat",
            "Constant", "CumSum", "Div", "Dropout", "Elu", "Equal", "Erf", "Exp", "Flatten", "Floor", "Gather", "GatherElements", "GatherND",
            "Gelu", "Gemm", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "If", "IsInf", "IsNaN", "LayerNormalization",
            "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "MatMul", "Max", "Mean", "Min", "Mish", "Mod", "Mul", "Neg", "Not",
            "OneHot", "Or", "PRelu", "Pow", "Reciprocal", "ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
            "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Round", "Selu", "Shape", "Sigmoid", "Sign", "Size", "Slice",
            "Softmax", "Softplus", "Softsign", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "ThresholdedRelu", "TopK", "Transpose",
            "Unsqueeze", "Where", "Xor",
        ],
        [MachineLearningDomain] =
        [
            "ArrayFeatureExtractor", "Binarizer", "CastMap", "CategoryMapper", "DictVectorizer", "FeatureVectorizer", "Imputer", "LabelEncoder",
            "LinearClassifier", "LinearRegressor", "Normalizer", "OneHotEncoder", "SVMClassifier", "SVMRegressor", "Scaler",
            "TreeEnsembleClassifier", "TreeEnsembleRegressor", "ZipMap",
        ],
    });

    public bool AllowsDomain(string domain) => byDomain.ContainsKey(domain);

    public bool Allows(string domain, string operatorType) =>
        byDomain.TryGetValue(domain, out var operators) && operators.Contains(operatorType);

    /// <summary>The domain as this project writes it.</summary>
    public static string Canonical(string domain) => domain.Length == 0 ? StandardDomain : domain;
}
