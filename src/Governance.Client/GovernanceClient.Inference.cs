using Governance.Client.Contracts;
using Governance.Client.Receipts;
using Governance.Client.Transport;
using Governance.Ledger;

namespace Governance.Client;

public sealed partial class GovernanceClient
{
    /// <summary>How to call a route: names and shapes of its tensors. Conflict when nothing is promoted to it.</summary>
    public Task<RouteMetadata> GetRouteAsync(string route, CancellationToken cancellationToken) =>
        sender.ReadJsonAsync<RouteMetadata>(Call.Get("v2/models/" + Segment(route)), cancellationToken);

    /// <summary>
    /// Asks a route for decisions (Open Inference Protocol v2). With <see cref="InferRequest.Id"/> it is sent again when there is no answer, or one of 429,
    /// 502, 503 and 504: the gateway answers an id once. Without one it is sent once: an answer that was lost was still recorded.
    /// </summary>
    /// <param name="version">A version of the route's model; null for whatever is promoted.</param>
    public Task<InferResponse> InferAsync(string route, int? version, InferRequest request, CancellationToken cancellationToken)
    {
        var path = version is { } number ? FormattableString.Invariant($"v2/models/{Segment(route)}/versions/{number}/infer") : $"v2/models/{Segment(route)}/infer";
        return sender.ReadJsonAsync<InferResponse>(new Call(HttpMethod.Post, path) { Content = Bodies.Json(request), Repeatable = request.Id is not null }, cancellationToken);
    }

    /// <summary>Gets the proof of each row of an answer and checks it against the log's keys, which the caller has kept.</summary>
    /// <returns>Empty when every row is in the log; else what does not hold.</returns>
    public async Task<IReadOnlyList<string>> VerifyAsync(AnswerReceipt receipt, IReadOnlyList<NoteVerifier> keys, CancellationToken cancellationToken)
    {
        var errors = new List<string>();
        for (var row = 0; row < receipt.Leaves.Count; row++)
        {
            if (!receipt.Verify(row, await GetProofAsync(receipt.Log, receipt.First + row, cancellationToken), keys, out var error))
            {
                errors.Add(FormattableString.Invariant($"row {row}: {error}"));
            }
        }

        return errors;
    }
}
