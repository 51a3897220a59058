using Governance.Core;
using Governance.Ledger;

namespace Governance.Serving;

/// <summary>How an inference ended. A closed family.</summary>
public abstract record InferenceOutcome
{
    private InferenceOutcome()
    {
    }

    /// <summary>Every row was answered and is recorded: durably, or in audit mode <c>async-bounded</c> soon.</summary>
    /// <param name="Explanations">For each row, null for one without; null when no row has any.</param>
    /// <param name="FirstIndex">Index of the first row's entry in the inference log; the others follow. -1 while they are not durable.</param>
    /// <param name="Leaves">RFC 6962 leaf hash of each row's entry: the receipt.</param>
    public sealed record Answered(
        ReadOnlyMemory<double> Scores, ReadOnlyMemory<string> Decisions, IReadOnlyList<RowExplanation?>? Explanations, long FirstIndex, IReadOnlyList<MerkleHash> Leaves)
        : InferenceOutcome
    {
        /// <summary>For each row whether its decision waits for a person; null when none does.</summary>
        public IReadOnlyList<bool>? Reviews { get; init; }

        /// <summary>The decisions that wait, and the scores, are not told to the caller.</summary>
        public bool Withheld { get; init; }

        /// <summary>The decisions as the caller is told them.</summary>
        public ReadOnlyMemory<string> Told => Withheld
            ? Decisions.ToArray().Select((d, row) => IsWithheld(row) ? Serving.Decisions.Withheld : d).ToArray()
            : Decisions;

        /// <summary>Whether the caller is not told the decision of a row.</summary>
        public bool IsWithheld(int row) => Withheld && Reviews![row];

        /// <summary>The index of the first row's entry once it is durable, -1 if it never is; null when it is already, and for a request without an id.</summary>
        public Task<long>? Recording { get; init; }

        /// <summary>Given again to a repeated request: what served it the first time. Null for an answer of now.</summary>
        public ServedBy? Replayed { get; init; }
    }

    /// <summary>Policy refuses the request; the refusal is durably recorded.</summary>
    /// <param name="Index">Index of its entry in the inference log.</param>
    public sealed record Refused(RequestRefusal Refusal, long Index) : InferenceOutcome
    {
        /// <summary>The problem code of every such refusal.</summary>
        public const string Code = "policy-refused";
    }

    /// <summary>No answer is given, because it could not be recorded or computed.</summary>
    /// <param name="Code"><c>ledger-unavailable</c>, <c>overloaded</c> or <c>model-failed</c>.</param>
    public sealed record Failed(int Status, string Code, string Detail) : InferenceOutcome
    {
        /// <summary>The storage failed while the answer was being recorded: after a crash it may be found all the same.</summary>
        public bool MayBeRecorded { get; init; }
    }

    /// <summary>Another node of the installation has answered the request, or is about to.</summary>
    /// <param name="Address">Where it is reached; null when it does not say.</param>
    public sealed record Elsewhere(string Node, Uri? Address) : InferenceOutcome;
}

/// <summary>What served a recorded answer. Immutable.</summary>
/// <param name="Promotion">Position of the promotion in the governance log.</param>
public sealed record ServedBy(int Version, Digest Model, long Promotion);

/// <summary>The words of a decision.</summary>
public static class Decisions
{
    public const string Favourable = "favourable";
    public const string Adverse = "adverse";

    /// <summary>What is told instead of a decision that a person has to look at first; never what was decided.</summary>
    public const string Withheld = "withheld";

    /// <summary>Label 1 is predicted at or above the threshold; whether that is good for the person depends on the model.</summary>
    public static string Of(double score, double threshold, int favourablePrediction) =>
        (score >= threshold ? 1 : 0) == favourablePrediction ? Favourable : Adverse;
}
