using Governance.Client.Contracts;

namespace Governance.Client;

/// <summary>Which part of a list to fetch. Immutable.</summary>
/// <param name="Size">1 to 200.</param>
/// <param name="Token"><see cref="Page{T}.Next"/> of the page before; null for the first.</param>
public sealed record PageRequest(int Size = 50, string? Token = null)
{
    public static PageRequest First { get; } = new();
}

public static class Pages
{
    /// <summary>Everything a list holds, page by page.</summary>
    public static async IAsyncEnumerable<T> AllAsync<T>(
        Func<PageRequest, CancellationToken, Task<Page<T>>> fetch,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var request = new PageRequest(Size: 200); ;)
        {
            var page = await fetch(request, cancellationToken);
            foreach (var item in page.Items)
            {
                yield return item;
            }

            if (page.Next is not { } next)
            {
                yield break;
            }

            request = request with { Token = next };
        }
    }
}
