using Governance.Core;
using Governance.Jobs.Plans;

namespace Governance.Jobs.Shards;

/// <summary>
/// The inputs of the plan at work, loaded once for all shards of this process; those of the plan before are left to whoever still
/// reads them. Thread-safe.
/// </summary>
public sealed class SharedInputs(Func<Digest, string> locate) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private (Digest Plan, PlanInputs Inputs)? current;

    /// <exception cref="PlanUnusableException">Something the plan names is missing or altered.</exception>
    public async Task<Checks.CheckInput> LoadAsync(CheckPlan plan, CancellationToken cancellationToken)
    {
        var id = plan.Id();
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (current is not { } known || known.Plan != id)
            {
                current = (id, await PlanInputs.LoadAsync(plan, locate, cancellationToken));
            }

            return current.Value.Inputs.Input;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose()
    {
        current?.Inputs.Dispose();
        turn.Dispose();
    }
}
