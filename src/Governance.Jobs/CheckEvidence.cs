using Governance.Core.Evidence;

namespace Governance.Jobs;

/// <summary>Turns a check's result into signed evidence.</summary>
public static class CheckEvidence
{
    /// <summary>The bytes of a DSSE envelope over an in-toto statement about the subjects.</summary>
    public static byte[] Seal(CheckResult result, IReadOnlyList<StatementSubject> subjects, RunFacts facts, IEvidenceSigner signer) =>
        EvidenceEnvelope.Seal(
            new Statement
            {
                Subject = subjects,
                Predicate = new CheckPredicate { Result = result, ResultDigest = result.ComputeDigest(), Run = facts },
            },
            signer);
}
