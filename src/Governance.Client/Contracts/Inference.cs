using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Governance.Client.Contracts;

/// <summary>Open Inference Protocol v2 request, JSON form.</summary>
public sealed record InferRequest
{
    public string? Id { get; init; }

    /// <summary><c>subject_id</c>: the data subject the row is about. For several rows, or several people in one
    /// (co-borrowers), <c>subject_ids</c>: for each row a string, or a list of 1 to 8 strings. <c>reasons</c> and <c>counterfactuals</c>: true
    /// to have adverse decisions explained, where the route offers it.</summary>
    public JsonObject? Parameters { get; init; }

    public required IReadOnlyList<InferTensor> Inputs { get; init; }
}

/// <param name="Datatype">BOOL, UINT8-64, INT8-64, FP16, FP32, FP64, BYTES.</param>
/// <param name="Data">Flat or nested, row-major.</param>
public sealed record InferTensor(string Name, IReadOnlyList<long> Shape, string Datatype, JsonElement Data);

/// <summary>
/// Open Inference Protocol v2 response. Outputs: <c>score</c> FP64 [N], <c>decision</c> BYTES [N] (<c>favourable</c> or <c>adverse</c>).
/// Parameters: <c>audit_log</c>, <c>audit_index</c> (first row; the others follow), <c>receipt</c> (leaf hash, hexadecimal, per row),
/// <c>promotion_index</c>, <c>model_digest</c>; where they were due <c>reasons</c> and <c>counterfactuals</c>, null for a row without.
/// </summary>
public sealed record InferResponse
{
    [JsonPropertyName("model_name")]
    public required string ModelName { get; init; }

    [JsonPropertyName("model_version")]
    public required string ModelVersion { get; init; }

    public string? Id { get; init; }

    public required JsonObject Parameters { get; init; }

    public required IReadOnlyList<InferTensor> Outputs { get; init; }
}

/// <summary>Open Inference Protocol v2 model metadata: how to call a route that serves.</summary>
/// <param name="Versions">The promoted version.</param>
public sealed record RouteMetadata(
    string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

/// <param name="Shape">-1 where the size is the caller's.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<long> Shape);
