using Governance.Core;
using Governance.Core.Identity;
using Governance.Serving.Protocol;
using Governance.Serving.Routing;

namespace Governance.Serving;

/// <summary>Policy at each request: asked before the model is, with what the request says about itself. Thread-safe.</summary>
public interface IRequestGuard
{
    /// <summary>Why the request is not answered; null when it may be.</summary>
    RequestRefusal? Check(InferenceCall call, RouteOutcome.Serves route, Caller client, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>A rule that refuses a request. Immutable; holds nothing of the payload.</summary>
/// <param name="Policy">Digest of the policies it belongs to.</param>
public sealed record RequestRefusal(string Rule, string Title, string Message, string Citation, string Remediation, Digest Policy);
