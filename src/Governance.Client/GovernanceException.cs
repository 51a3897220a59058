using Governance.Client.Contracts;

namespace Governance.Client;

/// <summary>The gateway said no, or could not be asked. <see cref="Problem"/> says which, why and what to do.</summary>
public sealed class GovernanceException : Exception
{
    public GovernanceException(Problem problem, Exception? innerException = null)
        : base(problem.Detail ?? problem.Title, innerException) => Problem = problem;

    public Problem Problem { get; }

    /// <summary>The stable code: <c>self-sign-off</c>; empty when the answer had none.</summary>
    public string Code => Problem.Code ?? "";

    public int Status => Problem.Status;
}
