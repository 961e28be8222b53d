"""What telling results costs, with 50 ms added to every request."""

from bench.results import tell_results

if __name__ == "__main__":
    tell_results()
